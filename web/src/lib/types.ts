// What the operations API answers (/api/v1/openapi.json). Times are RFC 3339 UTC, durations seconds.
export type Role = "viewer" | "operator" | "admin";
export interface Session {
  user: string | null;
  role: Role;
  csrf: string | null;
  expires_at: string | null;
  sign_in: boolean; // users are configured, so that one can sign in
}
export interface List<T> {
  items: T[];
  next: string | number | null;
}
export interface Slo {
  p95_target_ms: number | null;
  error_target: number | null;
  budget_left: number | null; // below 0: more than all is spent
  budget: { period_days: number; since: string; requests: number; failed: number } | null;
}
export interface Replica {
  replica: number;
  state: string;
  pid: number | null;
  since: string | null;
  restarts: number;
  reason: string | null;
}
export interface Service {
  name: string;
  managed_by: string;
  wanted: boolean;
  state: string;
  reason: string | null;
  port: number | null;
  url: string | null;
  replicas: Replica[];
  model: { version: string; threshold: number | null } | null;
  rate: number | null;
  error_ratio: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  slo: Slo | null;
}
export interface OnCall {
  policy: string;
  level?: number | string;
  people: string[];
}
export interface Status {
  product: string;
  version: string;
  now: string;
  started_at: string;
  owner: boolean | string | null;
  read_only: boolean;
  sound: boolean;
  incidents: { open: number; p1: number; p2: number; p3: number; p4: number };
  alerts: { firing: number; pending: number; unknown: number };
  checks: { total: number; failing: number };
  runs: { active: number; waiting_approval: number };
  on_call: OnCall[];
  services: Service[];
}
export interface Incident {
  id: string;
  number: number;
  runbook: string;
  key: string;
  title: string;
  severity: string;
  state: string;
  labels: Record<string, string>;
  opened_at: string;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  assignee: string | null;
  mitigated_at: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
  escalated_at: string | null;
  run: string | null;
  policy: string | null;
  checklist: Record<string, string | null> | null;
  firing: boolean | number;
  postmortem: string | null;
}
export interface Entry {
  seq: number;
  at: string;
  kind: string;
  actor: string;
  who: string | null;
  text: string;
  ref: string | null;
  evidence: unknown;
}
export interface Step {
  id: string;
  path: string;
  text: string | null;
  command: string | null;
  state: string;
  at: string | null;
  seconds: number | null;
  exit: number | null;
  status: string | number | null;
  out: unknown;
  tries: number;
}
export interface Attempt {
  name: string;
  text: string | null;
  state: string;
  steps: Step[];
}
export interface Approval {
  scope: string;
  step: string | null;
  command: string | null;
  by: string | string[] | null;
  min: number;
  given: unknown[];
  until: string | null;
}
export interface Run {
  id: string;
  incident: string;
  runbook: string;
  mode: string;
  state: string;
  detail: string | null;
  attempt: number | null;
  attempts: Attempt[];
  diagnose: Step[];
  verify: { state: string; when: string | null; passes: number; need: number | null } | null;
  waiting_for: string | null;
  approvals: Approval[];
}
export interface Runbook {
  name: string;
  title: string;
  summary: string | null;
  severity: string | null;
  mode: string;
  triggers: unknown[];
  key: string[];
  checks: string[];
  file: string | null;
  text?: string;
  problems: { line: number; text: string }[];
  last_run: { id: string; incident: string; state: string; created_at: string } | null;
  open_incident: string | null;
}
export interface Metric {
  value: number | null;
  ci95: [number, number] | null;
}
export type Metrics = Record<string, Metric>;
export interface CalibrationBin {
  predicted: number;
  observed: number;
  count: number;
}
export interface ModelVersion {
  version: string;
  status: string;
  champion: boolean;
  created_at: string | null;
  promoted_at: string | null;
  notes: string | null;
  metrics: Metrics;
  threshold: number | null;
  estimator: string | null;
  calibration: { bins: CalibrationBin[] } | null;
  roc: [number, number][] | null;
  lineage: Record<string, unknown>;
  files?: { name: string; sha256: string; ok: boolean }[];
}
export interface ModelChange {
  at: string;
  by: string;
  action: string;
  version: string;
  from: string;
  to: string;
  reason: string;
}
export interface Histogram {
  labels: string[];
  baseline: number[];
  current: number[];
}
export interface DriftFeature {
  name: string;
  psi: number | null;
  status: string;
  significant: boolean;
  p_value: number | null;
  noise_threshold: number | null;
  missing_delta: number | null;
  baseline_mean: number | null;
  current_mean: number | null;
  histogram: Histogram | null;
}
export interface Drift {
  model: string;
  window: { start: string; end: string; days: number | null };
  created_at: string;
  global_status: string;
  instances: number;
  score: DriftFeature | null;
  features: DriftFeature[];
}
export interface DriftPoint {
  at: string;
  version: string;
  global_status: string;
  score_psi: number | null;
  features: Record<string, number>;
}
export interface Performance {
  model: string;
  status: string;
  days: number | null;
  computed_at: string;
  samples: number;
  positive_rate: number | null;
  measured: Metrics;
  estimated: Metrics;
  alerts: string[];
}
export interface Silence {
  id: string;
  matchers: { name: string; value: string; isRegex: boolean; isEqual: boolean }[];
  starts_at: string;
  ends_at: string;
  created_by: string | null;
  comment: string | null;
  state?: string;
}
export interface OnCallCalendar {
  now: { schedule: string; people: string[] }[];
  schedules: { name: string; zone: string; shifts: { from: string; to: string; people: string[] }[] }[];
  policies: { name: string; levels: { name: string; after: number; repeat: number | null; to: string[] }[] }[];
  windows: { name: string; open: boolean }[];
}
export interface AuditEvent {
  seq: number;
  timestamp: string;
  action: string;
  who: string;
  details: Record<string, unknown>;
}
export interface Job {
  id: string;
  command: string;
  state: string;
  at: string | null;
  seconds: number | null;
  exit: number | null;
  progress: Progress | null;
  incident: string | null;
  who: string | null;
  text: string | null;
}
export interface Progress {
  phase: string;
  done: number;
  total: number; // 0: not known
}
export interface Drill {
  name: string;
  title: string;
  runbook: string;
  paged: string | null;
  needs_root: boolean;
  last: { id: string; state: string; started_at: string } | null;
}
export interface DrillRun {
  id: string;
  drill: string;
  who: string;
  state: string;
  command: string;
  started_at: string;
  finished_at: string | null;
  why: string | null;
  progress: Progress | null;
  report: {
    outcome: string;
    detect_seconds: number | null;
    mitigate_seconds: number | null;
    verify_seconds: number | null;
    done: string[];
  } | null;
}
export interface DrillRunWhole extends DrillRun {
  incident: Incident | null;
  run: Run | null;
  timeline: Entry[] | null;
  postmortem: string | null;
}
export interface SignatureField {
  name: string;
  type: "number" | "integer" | "category";
  values: string[] | null;
  minimum: number | null;
  maximum: number | null;
  used: boolean;
}
export interface Signature {
  version: string;
  threshold: number | null;
  fields: SignatureField[];
}
export interface Contribution {
  feature: string;
  value: unknown;
  contribution: number;
}
export interface Prediction {
  risk_score: number;
  risk_label: number;
  model_version: string;
  imputed: string[];
  warnings: string[];
  explanation: { base: number; contributions: Contribution[] } | null;
  processing_time_ms: number | null;
}
export type Points = [number, number | null][];
