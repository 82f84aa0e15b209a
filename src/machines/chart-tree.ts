import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** A state's place as stores write it: `failed.waiting`. The root is the empty text. */
export function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

/** Every node of a chart, parents before children. */
export function allNodes(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(allNodes)];
}

/** The states a record can be in. */
export function leavesOf(root: AnyStateNode): AnyStateNode[] {
  return allNodes(root).filter(isLeaf);
}

function isLeaf(node: AnyStateNode): boolean {
  return Object.keys(node.states).length === 0;
}

/** A node and all above it, innermost first. */
export function lineage(node: AnyStateNode): AnyStateNode[] {
  return node.parent ? [node, ...lineage(node.parent)] : [node];
}

/** The states entered below a node by following `initial`. */
export function descent(node: AnyStateNode): AnyStateNode[] {
  const [first] = isLeaf(node) ? [] : node.initial.target;
  return first ? [first, ...descent(first)] : [];
}

function isBelow(node: AnyStateNode, ancestor: AnyStateNode): boolean {
  return node !== ancestor && lineage(node).includes(ancestor);
}

/** What a transition leaves, where it ends, and what it enters, each in the order XState runs the actions. */
export interface Route {
  readonly exited: readonly AnyStateNode[];
  readonly entered: readonly AnyStateNode[];
  readonly to: AnyStateNode;
}

/** The route from a leaf by one of its transitions, or of the states above it. */
export function routeOf(leaf: AnyStateNode, transition: AnyTransitionDefinition): Route {
  const target = transition.target?.[0];
  if (!target) return { exited: [], entered: [], to: leaf };
  const domain = domainOf(transition, target);
  const exited = lineage(leaf).filter((node) => domain === undefined || isBelow(node, domain));
  const below = descent(target);
  const between =
    target === domain
      ? []
      : lineage(target)
          .slice(1)
          .filter((node) => domain === undefined || isBelow(node, domain));
  // A transition to its own source enters it again only when it says `reenter`.
  const itself = target === transition.source && !transition.reenter ? [] : [target];
  return { exited, entered: [...between.reverse(), ...itself, ...below], to: below.at(-1) ?? target };
}

/**
 * The innermost state that a transition does not leave; undefined: it leaves even the root.
 * It is the source itself for a target within it, unless `reenter`; otherwise the nearest state above both.
 */
function domainOf({ source, reenter }: AnyTransitionDefinition, target: AnyStateNode): AnyStateNode | undefined {
  if (!reenter && (target === source || isBelow(target, source))) return source;
  const shared = lineage(target)
    .slice(1)
    .find((node) => isBelow(source, node));
  return shared ?? (reenter ? undefined : source.machine.root);
}
