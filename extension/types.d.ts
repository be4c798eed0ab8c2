// The words of proto/src/card.rs, for the type check. proto/fixtures holds both sides to them.

export interface CardError {
  code: string;
  tries_left?: number;
  field?: string;
  detail?: string;
}

export type Purpose = "register" | "change" | "renew_old" | "renew_new" | "bid" | "check" | "officer";

export type PageRequest =
  | { type: "status" }
  | { type: "check_up" }
  | { type: "authenticate"; nonce: string; purpose: Purpose; agency?: string; my_number?: boolean }
  | { type: "sign"; document: string; card: string }
  | { type: "cancel" };

export interface Part {
  version: string;
  protocol: number;
  oldest_protocol: number;
}

export interface Token {
  unverifiedCertificate: string;
  algorithm: string;
  signature: string;
  format: string;
  appVersion: string;
}

/** What a card made of an application. */
export interface DocumentSignature {
  certificate: string;
  algorithm: string;
  signed_at: number;
  signature: string;
}

export interface Status {
  type: "status";
  extension: Part;
  host: Part | null;
  service: "running" | "off" | null;
  readers: number;
  cards: number;
  managed: boolean;
  error: CardError | null;
}

export interface Finding {
  code: string;
  severity: "note" | "warning" | "error";
  what: string;
  next: string;
  ask: string;
}

export type Browser = "chrome" | "chromium" | "edge";

export type PageReply =
  | Status
  | { type: "findings"; findings: Finding[] }
  | { type: "opened" }
  | { type: "token"; token: Token; person_in_charge: string }
  | { type: "signature"; signature: DocumentSignature }
  | { type: "error"; error: CardError };

export interface CardSummary {
  id: string;
  family: string;
  holder: string;
  company: string;
  issuer: string;
  not_before: string;
  not_after: string;
  tries_left: number | null;
  pin: { min: number; max: number; letters: boolean };
  pin_pad?: boolean;
  tries_low?: boolean;
  problem: CardError | null;
}

export type Reader =
  | { name: string; state: "empty" }
  | { name: string; state: "reading" }
  | { name: string; state: "card"; card: CardSummary }
  | { name: string; state: "unusable"; error: CardError };

export type HostMessage =
  | ({ type: "hello"; capabilities: string[] } & Part)
  | { type: "status"; id: number; service: "running" | "off"; readers: number; cards: number }
  | { type: "findings"; id: number; findings: Finding[] }
  | { type: "readers"; service: "running" | "off"; readers: Reader[] }
  | { type: "progress"; id: number; done: number; total: number; pad_seconds?: number }
  | { type: "token"; id: number; token: Token }
  | { type: "signature"; id: number; signature: DocumentSignature }
  | { type: "done"; id: number }
  | { type: "error"; id: number | null; error: CardError };

/** How much the host writes into its log. */
export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

export type HostCommand =
  | { command: "status"; id: number; log_level?: LogLevel }
  | { command: "check_up"; id: number; browser: Browser | null; log_level?: LogLevel }
  | { command: "watch"; id: number; origin: string; my_number?: boolean; log_level?: LogLevel }
  | {
      command: "authenticate";
      id: number;
      origin: string;
      nonce: string;
      card: string;
      pin?: string;
      accept_last_try: boolean;
      my_number?: boolean;
    }
  | {
      command: "sign";
      id: number;
      origin: string;
      document: string;
      card: string;
      pin?: string;
      accept_last_try: boolean;
    }
  | { command: "cancel"; id: number };

export interface Desk {
  name: string;
  phone: string;
  /** When somebody answers; empty if nothing is said. */
  hours: string;
  /** Whatever else is to be said; empty if nothing is. */
  note: string;
}

/** How a PIN is entered. */
export interface PinEntry {
  /** In the card window, or in the host's own dialog: then this extension never sees it. */
  entry: "window" | "host";
  /** Whether the last try may be used at all. */
  last_try: "ask" | "refuse";
  idle_minutes: number;
}

/** What the worker hands to the card window. */
export interface CardRequest {
  type: "request";
  origin: string;
  /** A login, or an application that one card has to sign. */
  what: { nonce: string; purpose: Purpose } | { document: string; card: string };
  /** The agency takes My Number Cards; without this word the host does not read them. */
  my_number: boolean;
  agencies: string[];
  help_desk: Desk;
  /** An administrator looks after this extension. */
  managed: boolean;
  pin: PinEntry;
  /** For the host's log, by the administrator's word; `null` without one. */
  log_level: LogLevel | null;
}

/** What the card window tells the worker. */
export type CardOutcome =
  | { type: "token"; token: Token; person_in_charge: string }
  | { type: "signature"; signature: DocumentSignature }
  | { type: "error"; error: CardError }
  | { type: "failing"; error: CardError }
  | { type: "alive" };

export interface Deployment {
  origins: { origin: string; agencies: string[] }[];
  help_desk: { name: string; phone: string; hours?: string; note?: string };
}

/** Managed storage, as the administrator filled it in; every part may be absent. */
export interface Managed {
  allowed_origins?: string[];
  agencies?: { origin: string; name: string }[];
  help_desk?: Partial<Desk>;
  pin_entry?: string;
  pin_last_try?: string;
  pin_idle_minutes?: number;
  host_log_level?: string;
}
