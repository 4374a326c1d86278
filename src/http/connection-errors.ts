// What cannot even be read as HTTP is answered with a problem too, on the bare socket.
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { problemContentType } from "./problem.ts";

const answers: Record<string, { status: string; detail: string; hint: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: "408 Request Timeout",
    detail: "The request did not arrive in time.",
    hint: "Send it again, on a faster connection or in smaller parts.",
  },
  HPE_HEADER_OVERFLOW: {
    status: "431 Request Header Fields Too Large",
    detail: "The headers are larger than 16 KiB.",
    hint: "Send fewer or shorter headers; data belongs into the body.",
  },
};
const unreadable = {
  status: "400 Bad Request",
  detail: "This is not HTTP/1.1 as it should be.",
  hint: "Use an HTTP client; is this perhaps TLS sent to a plain port?",
};

/** Node's `clientError`: the connection is answered once and closed. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const { status, detail, hint } = answers[error.code ?? ""] ?? unreadable;
  const body = JSON.stringify({
    type: "/problems/malformed_request",
    title: "The request cannot be read.",
    status: Number(status.slice(0, 3)),
    detail,
    code: "malformed_request",
    hint,
    errors: [],
    request_id: `req_${randomUUID()}`,
  });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: ${problemContentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
