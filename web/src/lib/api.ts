// The operations API: one function to read, one to change.
import { en } from "../i18n/en";
import { t, type Key } from "./i18n";
import { app } from "./state.svelte";
import type { Session } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

// Refusals that everybody meets, whole in the reader's language.
const known: Record<string, Key> = { UNAUTHORIZED: "error.unauthorized", RATE_LIMITED: "error.rateLimited", CSRF: "error.csrf" };

// The others: what kind of refusal it is in the reader's language, and the detail as the API says it.
function explain(code: string, detail: string): string {
  if (known[code]) return t(known[code]);
  const key = `error.${code}`;
  return key in en ? t(key as Key, { why: detail }) : detail;
}

async function refused(answer: Response): Promise<ApiError> {
  try {
    const body = (await answer.json()) as { detail?: string; error?: { code?: string; message?: string } };
    const code = body.error?.code ?? "";
    return new ApiError(answer.status, code, explain(code, body.error?.message ?? body.detail ?? answer.statusText));
  } catch {
    return new ApiError(answer.status, "", answer.statusText);
  }
}

export async function get<T>(path: string, query: Record<string, string | number | undefined | null> = {}): Promise<T> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  const answer = await fetch(`/api/v1${path}${text ? `?${text}` : ""}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    const error = await refused(answer);
    if (answer.status === 401) app.needsSignIn = true;
    throw error;
  }
  return (await answer.json()) as T;
}

export async function send<T>(method: "POST" | "PUT" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": "application/json", Accept: "application/json" };
  if (app.session?.csrf) headers["X-CSRF-Token"] = app.session.csrf;
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) {
    const error = await refused(answer);
    if (answer.status === 401 && path !== "/session") app.needsSignIn = true; // it has ended meanwhile
    throw error;
  }
  const text = await answer.text();
  return (text ? JSON.parse(text) : {}) as T;
}

export const part = (text: string | number): string => encodeURIComponent(String(text));

export async function loadSession(): Promise<void> {
  app.session = await get<Session>("/session");
  app.needsSignIn = app.session.sign_in && !app.session.user;
}
