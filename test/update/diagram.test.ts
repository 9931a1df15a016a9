import assert from "node:assert/strict";
import { test } from "node:test";
import { workflowDiagram } from "../../src/update/diagram.ts";
import { workflow } from "../../src/update/states.ts";

test("the diagram shows every state and every arrow between two of them", () => {
  const diagram = workflowDiagram();

  for (const [state, { next }] of Object.entries(workflow)) {
    const from = state.replaceAll("-", "_");
    assert.match(diagram, new RegExp(`^ +${from}: `, "m"));
    for (const to of Object.values(next)) {
      const target = to === "idle" ? "\\[\\*\\]" : to.replaceAll("-", "_");
      assert.match(diagram, new RegExp(`^ +${from} --> ${target}: `, "m"));
    }
  }
});
