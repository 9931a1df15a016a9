import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";
import { connect } from "../../src/platform/connect.ts";

const never = new AbortController().signal;

describe("a TCP connection", () => {
  test("is opened and closed again", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = createServer((socket) =>
      socket
        .on("error", () => {})
        .on("close", () => resolve())
        .resume(),
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;

    await connect("127.0.0.1", port, never);

    await promise;
    server.close();
    await assert.rejects(connect("127.0.0.1", port, never), { code: "ECONNREFUSED" });
  });

  test("is not begun when the caller stopped already", async () => {
    await assert.rejects(connect("127.0.0.1", 1, AbortSignal.abort(new Error("stopped"))), { message: "stopped" });
  });

  test("to a name that does not exist says so", async () => {
    await assert.rejects(connect("no-such-host.invalid", 80, never), { syscall: "getaddrinfo" });
  });
});
