// What cannot be answered by a handler is answered with a problem too, on the bare socket.
import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { DomainError } from "../errors.ts";
import { problemContentType, toProblem } from "./problem.ts";

/** Node's errors of a connection, by code. */
const connectionErrors: Record<string, () => DomainError> = {
  ERR_HTTP_REQUEST_TIMEOUT: () =>
    new DomainError("request_timeout", "The request did not arrive in time.", {
      hint: "Send it again, on a faster connection or in smaller parts.",
    }),
  HPE_HEADER_OVERFLOW: () =>
    new DomainError("headers_too_large", "The headers are larger than 16 KiB.", {
      hint: "Send fewer or shorter headers; data belongs into the body.",
    }),
};

function unreadable(): DomainError {
  return new DomainError("malformed_request", "This is not HTTP/1.1 as it should be.", {
    hint: "Use an HTTP client; is this perhaps TLS sent to a plain port?",
  });
}

/** Node's `clientError`: the connection is answered once and closed. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  answerOnSocket(socket, (connectionErrors[error.code ?? ""] ?? unreadable)(), `req_${randomUUID()}`);
}

/** Writes the problem as a whole HTTP answer and closes the connection; `closed` is called when it is sent. */
export function answerOnSocket(socket: Socket, error: DomainError, requestId: string, closed?: () => void): void {
  const problem = toProblem(error, requestId);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    "connection: close",
  ];
  socket.end([...head, "", body].join("\r\n"), closed);
}
