// Talking with the service. A message keeps its id however often it is sent, so that it is answered once.

import { recall, remember } from "./memory.js";

const WAIT_MS = 20_000;
const EXPIRED = 401;

// Nobody knows whether it arrived.
export class NotSent extends Error {}

// The service said no.
export class Refused extends Error {
  constructor(status, waitS) {
    super(`refused: ${status}`);
    this.status = status;
    this.waitS = waitS;
  }
}

export function newId() {
  // randomUUID is not there on a plain http:// address.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The reply to a message.
export function tell(message) {
  return asVisitor((token) => post("/api/v1/chat", { token, ...message }));
}

// What to say to an opinion.
export function judge(id, helpful, language) {
  return asVisitor((token) => post("/api/v1/chat/opinion", { token, id, helpful, language }));
}

// What the staff answered; those up to the id `read` have arrived.
export function letters(read) {
  return post("/api/v1/letters", { token: recall("token"), read });
}

export async function topics(language) {
  return (await call(`/api/v1/topics?language=${language}`, {})).topics;
}

async function asVisitor(work) {
  if (!recall("token")) await becomeVisitor();
  try {
    return await work(recall("token"));
  } catch (why) {
    if (why.status !== EXPIRED) throw why;
    await becomeVisitor();
    return work(recall("token"));
  }
}

async function becomeVisitor() {
  remember("token", (await post("/api/v1/visitors", {})).token);
}

function post(path, body) {
  return call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function call(path, options) {
  const answer = await reached(() => fetch(path, { ...options, signal: AbortSignal.timeout(WAIT_MS) }));
  if (!answer.ok) throw new Refused(answer.status, Number(answer.headers.get("Retry-After")) || 1);
  return reached(() => answer.json());
}

async function reached(work) {
  try {
    return await work();
  } catch {
    throw new NotSent();
  }
}
