import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { type Assign, type Guard, nameOf, readAssign, readGuard } from './chart-expressions.ts';
import { checkChart } from './chart-subset.ts';
import { allNodes, descent, leavesOf, lineage, pathOf, type Route, routeOf } from './chart-tree.ts';

/** One way in which a state may answer an event. The first candidate whose guard holds is taken. */
export interface Candidate {
  readonly guard: Guard | undefined;
  /** The guard's name in the chart; undefined when there is none. */
  readonly guardName: string | undefined;
  readonly to: string;
  /** Assigns of the states left, of the transition, and of the states entered, in this order. */
  readonly assigns: readonly Assign[];
  /** Goes to a target; otherwise it only assigns, or forbids the event to the states above. */
  readonly moves: boolean;
}

/** A machine's definition as tables: per leaf state and event type, the candidates in order. */
export interface Chart {
  readonly initial: string;
  readonly initialAssigns: readonly Assign[];
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, readonly Candidate[]>>;
}

/**
 * Reads transitions, guards and assigns from a machine's own definition.
 *
 * @throws MillraceError `CHART_NOT_SUPPORTED` naming the state, for what records cannot carry.
 */
export function readChart(machine: AnyStateMachine): Chart {
  checkChart(machine);
  // Also of states that no transition enters or leaves: what can't be carried is refused wherever it stands.
  for (const node of allNodes(machine.root)) for (const action of [...node.entry, ...node.exit]) readAssign(node, action);
  const entered = [machine.root, ...descent(machine.root)];
  const initial = entered.at(-1) ?? machine.root;
  return {
    initial: pathOf(initial),
    initialAssigns: [...entryAssigns(entered), ...lastAssigns(initial)],
    answers: new Map(leavesOf(machine.root).map((leaf) => [pathOf(leaf), readAnswers(leaf)])),
  };
}

function readAnswers(leaf: AnyStateNode): Map<string, readonly Candidate[]> {
  if (leaf.type === 'final') return new Map(); // An actor that is done answers nothing, not even by its root.
  const types = new Set(lineage(leaf).flatMap((node) => [...node.transitions.keys()]));
  return new Map([...types].map((type) => [type, readCandidates(leaf, type)]));
}

/** Innermost state first: the states above are asked only if no candidate below holds. */
function readCandidates(leaf: AnyStateNode, type: string): readonly Candidate[] {
  const candidates = lineage(leaf).flatMap((node) =>
    (node.transitions.get(type) ?? []).map((transition) => readCandidate(leaf, transition)),
  );
  const certain = candidates.findIndex((candidate) => candidate.guard === undefined);
  return certain < 0 ? candidates : candidates.slice(0, certain + 1);
}

function readCandidate(leaf: AnyStateNode, transition: AnyTransitionDefinition): Candidate {
  const { source, guard } = transition;
  const route = routeOf(leaf, transition);
  return {
    guard: readGuard(source, guard),
    guardName: guard === undefined ? undefined : nameOf(source, 'guards', guard),
    to: pathOf(route.to),
    assigns: assignsOf(route, transition),
    moves: transition.target !== undefined,
  };
}

function assignsOf({ exited, entered, to }: Route, { source, actions }: AnyTransitionDefinition): Assign[] {
  return [
    ...exitAssigns(exited),
    ...actions.map((action) => readAssign(source, action)),
    ...entryAssigns(entered),
    ...lastAssigns(to),
  ];
}

function entryAssigns(nodes: readonly AnyStateNode[]): Assign[] {
  return nodes.flatMap((node) => node.entry.map((action) => readAssign(node, action)));
}

function exitAssigns(nodes: readonly AnyStateNode[]): Assign[] {
  return nodes.flatMap((node) => node.exit.map((action) => readAssign(node, action)));
}

/** When a chart is done, XState leaves every state it is in. */
function lastAssigns(to: AnyStateNode): Assign[] {
  return to.type === 'final' ? exitAssigns(lineage(to)) : [];
}
