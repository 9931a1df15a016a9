import { type Failure, failure } from "../domain/failures/failure.ts";

/** Names of node:tls and OpenSSL for what is wrong with a certificate. */
const certificateReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet (or this host's clock is behind)",
  CERT_REVOKED: "it was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its chain ends in an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "the authority that signed it is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the authority that signed it is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the authority that signed it is not trusted",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  INVALID_CA: "it was signed by something that is not an authority",
  INVALID_PURPOSE: "it is not a certificate for servers",
};

const connectionReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the name server does not answer",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the connection timed out",
  EMFILE: "this process has too many open files",
  ENFILE: "this host has too many open files",
  EADDRNOTAVAIL: "no local port is free",
};

/** The code of a system, TLS or parser error; "" when it has none. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}

/** Whether the other side closed the connection under the request, as it may do with one that was kept alive. */
export function isClosedByPeer(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ECONNRESET" || code === "EPIPE";
}

/** What went wrong on the way, as a failure. The cause is kept by code only: its text may quote what was sent. */
export function exchangeFailure(address: string, error: unknown): Failure {
  const code = codeOf(error);
  const certificate = certificateReasons[code];
  if (certificate !== undefined) return failure("tls-refused", { address, reason: certificate });
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return failure("tls-refused", { address, reason: "it is for another host name" });
  }
  if (code.startsWith("ERR_OSSL_")) {
    return failure("tls-refused", {
      address,
      reason: `the given certificates or key cannot be used (${code})`,
    });
  }
  if (/^ERR_SSL_.*ALERT.*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)) {
    return failure("client-certificate-refused", { address, reason: code });
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) {
    return failure("tls-refused", { address, reason: `the two sides could not agree on TLS (${code})` });
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return failure("answer-malformed", { address, reason: "its head is too long" });
  }
  if (code.startsWith("HPE_")) return failure("answer-malformed", { address, reason: code });
  if (code === "ERR_INVALID_CHAR") {
    const reason = "a header (user, password, token, …) holds a character that cannot be sent, such as a line end";
    return failure("address-invalid", { address, reason });
  }
  if (/^ERR_(INVALID|UNESCAPED|HTTP_INVALID|SOCKET_BAD_PORT)/.test(code))
    return failure("address-invalid", { address, reason: code });
  const reason = connectionReasons[code] ?? (code || "the connection failed");
  return failure("connection-failed", { address, reason });
}
