import type { AnyStateNode } from 'xstate';
import { unsupported } from './chart-subset.ts';

/** A chart's context and event, as its guards and assigns get them. */
export type Context = Readonly<Record<string, unknown>>;
export type ChartEvent = Readonly<{ type: string }>;

export type Guard = (context: Context, event: ChartEvent) => boolean;
export type Assign = (context: Context, event: ChartEvent) => Context;

/** A guard or action as a chart refers to it: by name, by name with parameters, or the function itself. */
interface Reference {
  readonly name: string;
  readonly implementation: unknown;
  readonly params: unknown;
}

type Named = 'guards' | 'actions';

function refer(node: AnyStateNode, kind: Named, value: unknown): Reference {
  if (typeof value === 'function') return { name: value.name || '(inline)', implementation: value, params: undefined };
  const { type, params } =
    typeof value === 'string' ? { type: value, params: undefined } : (value as { type: string; params?: unknown });
  const implementations = node.machine.implementations[kind] as Readonly<Record<string, unknown>>;
  return { name: type, implementation: implementations[type], params };
}

/** The name under which a chart uses a guard or action; inline functions have their own, or `(inline)`. */
export function nameOf(node: AnyStateNode, kind: Named, value: unknown): string {
  return refer(node, kind, value).name;
}

function paramsOf({ params }: Reference): (context: Context, event: ChartEvent) => unknown {
  return typeof params === 'function' ? (context, event) => params({ context, event }) : () => params;
}

/** Reads a guard as a plain function. @throws MillraceError `CHART_NOT_SUPPORTED` for and, or, not, stateIn, or one without a function */
export function readGuard(node: AnyStateNode, value: unknown): Guard | undefined {
  if (value === undefined) return undefined;
  const reference = refer(node, 'guards', value);
  const guard = reference.implementation;
  if (typeof guard !== 'function') throw unsupported(node, `the guard ${reference.name} without a function`);
  if ('check' in guard) throw unsupported(node, `the composite guard ${reference.name}`);
  const params = paramsOf(reference);
  return (context, event) => Boolean(guard({ context, event }, params(context, event)));
}

/** Reads an `assign`. @throws MillraceError `CHART_NOT_SUPPORTED` for every other action */
export function readAssign(node: AnyStateNode, value: unknown): Assign {
  const reference = refer(node, 'actions', value);
  const action = reference.implementation as { type?: unknown; assignment?: unknown } | undefined;
  if (action?.type !== 'xstate.assign') throw unsupported(node, `the action ${describeAction(reference)}`);
  const { assignment } = action;
  const params = paramsOf(reference);
  const spawn = (): never => {
    throw unsupported(node, 'spawn in an assign');
  };
  if (typeof assignment === 'function') {
    return (context, event) => ({ ...context, ...assignment({ context, event, spawn }, params(context, event)) });
  }
  const entries = Object.entries(assignment as Readonly<Record<string, unknown>>);
  return (context, event) => {
    // Every assigner of one assign sees the context from before it.
    const args = { context, event, spawn };
    const given = params(context, event);
    const changed: Record<string, unknown> = { ...context };
    for (const [key, assigner] of entries) changed[key] = typeof assigner === 'function' ? assigner(args, given) : assigner;
    return changed;
  };
}

function describeAction({ name, implementation }: Reference): string {
  const type = (implementation as { type?: unknown } | undefined)?.type;
  return typeof type === 'string' && type !== name ? `${name} (${type})` : name;
}
