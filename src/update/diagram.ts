import { type ActiveState, type Part, workflow } from "./states.ts";

const parts: readonly Part[] = ["preparing", "waiting", "switching", "undoing", "closing"];

/** The workflow as a Mermaid state diagram, for ARCHITECTURE.md; arrows of condemned attempts are left out. */
export function workflowDiagram(): string {
  const states = Object.keys(workflow) as ActiveState[];
  const boxes = parts.flatMap((part) => [
    `  state ${part} {`,
    ...states.filter((state) => workflow[state].part === part).map((state) => `    ${node(state)}: ${words(state)}`),
    "  }",
  ]);
  const arrows = states.flatMap((state) => outgoing(state).map(([to, why]) => `  ${node(state)} --> ${to}: ${why}`));
  return ["stateDiagram-v2", ...boxes, `  [*] --> ${node("fetching")}: update`, activate(), ...arrows, ""].join("\n");
}

function activate(): string {
  return `  [*] --> ${node("acquiring")}: activate`;
}

/** One arrow for each pair of states, with all the outcomes that lead there. */
function outgoing(state: ActiveState): readonly (readonly [to: string, why: string])[] {
  const next: Readonly<Record<string, string>> = workflow[state].next;
  const byTarget = Map.groupBy(Object.keys(next), (outcome) => next[outcome] ?? "idle");
  return [...byTarget].map(([to, outcomes]) => [to === "idle" ? "[*]" : node(to), outcomes.map(words).join(", ")]);
}

/** Mermaid takes a hyphen for the beginning of an arrow. */
function node(state: string): string {
  return state.replaceAll("-", "_");
}

function words(name: string): string {
  return name.replaceAll("-", " ");
}
