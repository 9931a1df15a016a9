import { workflowDiagram } from "../../src/update/diagram.ts";
import { crashLimit, workflow } from "../../src/update/states.ts";
import { code, type Page, page, table } from "./page.ts";

export function diagramBlock(): string {
  return ["```mermaid", workflowDiagram().trimEnd(), "```"].join("\n");
}

export function workflowPage(): Page {
  const rows = Object.entries(workflow).map(([state, { part, next, condemned }]) => [
    code(state),
    part,
    Object.entries(next)
      .map(([outcome, to]) => `${outcome} → ${code(to)}`)
      .join("; "),
    code(condemned),
  ]);
  return page(
    "workflow",
    "The workflow of one update",
    `An update is in one of these states, as \`dropship status\` shows it. The state is journaled before its step runs, so that a restarted agent goes on where the last one stopped; an attempt whose state was started ${crashLimit} times without an end goes to the state in the last column.`,
    diagramBlock(),
    table(["state", "part", "outcome → next state", "when condemned"], rows),
  );
}
