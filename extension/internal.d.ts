// What the extension's own parts say to each other, and its settings.

import type { CardError, DocumentSignature, LogLevel, Purpose, Token } from "./types";

export interface Desk {
  name: string;
  phone: string;
  /** When somebody answers; may be empty. */
  hours: string;
  /** Further notes; may be empty. */
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
  /** The agency accepts My Number Cards; without this the host does not read them. */
  my_number: boolean;
  agencies: string[];
  help_desk: Desk;
  /** An administrator looks after this extension. */
  managed: boolean;
  pin: PinEntry;
  /** For the host's log, as set by the administrator; `null` if unset. */
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
