import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { MillraceError } from '../model/errors.ts';
import { allNodes, pathOf } from './chart-tree.ts';

/** The error for what a record cannot carry, by the state's name. */
export function unsupported(node: AnyStateNode, what: string): MillraceError {
  const state = pathOf(node) || '(root)';
  return new MillraceError(
    'CHART_NOT_SUPPORTED',
    `Chart ${node.machine.id}, state ${state}: ${what} can't be run on records. Use atomic and compound states, one target, plain guards and assign.`,
  );
}

/**
 * Refuses charts that need more than a record and an event: timers, children, several states at once, memory, side effects.
 *
 * @throws MillraceError `CHART_NOT_SUPPORTED` that names the state and the feature.
 */
export function checkChart(machine: AnyStateMachine): void {
  for (const node of allNodes(machine.root)) checkNode(node);
}

function checkNode(node: AnyStateNode): void {
  const feature = refusedFeature(node);
  if (feature) throw unsupported(node, feature);
  for (const [descriptor, transitions] of node.transitions) {
    checkDescriptor(node, descriptor);
    for (const transition of transitions) checkTargets(node, transition);
  }
}

function refusedFeature(node: AnyStateNode): string | undefined {
  if (node.type === 'parallel') return 'a parallel state';
  if (node.type === 'history') return 'a history state';
  if (node.type === 'final' && node.parent?.parent) return 'a final state inside another state';
  if (node.always?.length) return 'always';
  if (node.after.length > 0) return 'after';
  if (node.invoke.length > 0) return 'invoke';
  if (node.config.onDone) return 'onDone';
  if (node.type === 'compound' && node.initial.actions.length > 0) return 'initial with actions';
  return undefined;
}

function checkDescriptor(node: AnyStateNode, descriptor: string): void {
  if (descriptor.includes('*')) throw unsupported(node, `the wildcard ${descriptor}`);
  if (descriptor.startsWith('xstate.')) throw unsupported(node, `XState's own event ${descriptor}`);
}

function checkTargets(node: AnyStateNode, transition: AnyTransitionDefinition): void {
  if ((transition.target?.length ?? 0) > 1) throw unsupported(node, 'several targets');
}
