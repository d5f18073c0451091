// Numbers, times and durations as people read them in the chosen language.
import { app } from "./state.svelte";

const locale = (): string => (app.language === "pt" ? "pt-BR" : "en-GB");
const none = "–";

export function number(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  return value.toLocaleString(locale(), { maximumFractionDigits: digits });
}
export function fixed(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  return value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
export function percent(value: number | null | undefined, digits = 1): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  return value.toLocaleString(locale(), { style: "percent", maximumFractionDigits: digits });
}
export function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? none : `${number(value, value < 10 ? 1 : 0)} ms`;
}
export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 10) return `${number(value, 1)} s`;
  const whole = Math.round(value);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  if (whole < 172_800) return `${number(whole / 3600, 1)} h`;
  return `${Math.round(whole / 86_400)} d`;
}
// How long ago, kept current by the page's clock.
export function age(time: string | null | undefined): string {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? none : seconds(Math.max(0, (app.now - at) / 1000));
}
export function clock(time: string | null | undefined): string {
  const at = time ? new Date(time) : null;
  if (!at || Number.isNaN(at.getTime())) return none;
  return at.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
export function moment(time: string | null | undefined): string {
  const at = time ? new Date(time) : null;
  if (!at || Number.isNaN(at.getTime())) return none;
  return at.toLocaleString(locale(), { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}
export function day(time: string | null | undefined): string {
  const at = time ? new Date(time) : null;
  if (!at || Number.isNaN(at.getTime())) return none;
  return at.toLocaleDateString(locale(), { weekday: "short", day: "2-digit", month: "short" });
}
export function plain(value: unknown): string {
  if (value === null || value === undefined) return none;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : number(value, 4);
  if (Array.isArray(value)) return value.length > 0 ? value.map(plain).join(", ") : none;
  return typeof value === "string" ? value : JSON.stringify(value);
}
