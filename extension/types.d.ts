// Written by `cargo xtask generate` from proto. Changes made here are lost.

export type Browser = "chrome" | "chromium" | "edge";

export type CardError = { code: string, tries_left?: number, pin_sent?: boolean, field?: string, detail?: string, };

export type CardSummary = { id: string, family: string, holder: string, company: string, issuer: string, not_before: string, not_after: string, tries_left: number | null, pin: PinRules, pin_pad?: boolean, tries_low?: boolean, problem: CardError | null, };

export type Document = string;

export type DocumentSignature = { certificate: string, algorithm: string, signed_at: number, signature: string, };

export type Finding = { code: string, severity: Severity, what: string, next: string, ask: string, };

export type HostCommand = { "command": "status", id: number, log_level?: LogLevel, } | { "command": "check_up", id: number, browser: Browser | null, log_level?: LogLevel, } | { "command": "watch", id: number, origin: Origin, my_number?: boolean, log_level?: LogLevel, } | { "command": "authenticate", id: number, origin: Origin, nonce: Nonce, card: string, pin?: Pin, accept_last_try: boolean, my_number?: boolean, } | { "command": "sign", id: number, origin: Origin, document: Document, card: string, pin?: Pin, accept_last_try: boolean, } | { "command": "cancel", id: number, };

export type HostMessage = { "type": "hello", capabilities: Array<string>, version: string, protocol: number, oldest_protocol: number, } | { "type": "status", id: number, service: ServiceState, readers: number, cards: number, sites?: Array<KnownSite>, } | { "type": "findings", id: number, findings: Array<Finding>, } | { "type": "readers", service: ServiceState, readers: Array<Reader>, } | { "type": "progress", id: number, done: number, total: number, pad_seconds?: number, } | { "type": "token", id: number, token: Token, } | { "type": "signature", id: number, signature: DocumentSignature, } | { "type": "done", id: number, } | { "type": "error", id: number | null, error: CardError, };

export type KnownSite = { origin: Origin, agencies: Array<string>, help_desk?: SiteDesk, asks_pin?: boolean, };

export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

export type Nonce = string;

export type Origin = string;

export type PageReply = { "type": "status" } & Status | { "type": "findings", findings: Array<Finding>, } | { "type": "opened" } | { "type": "token", token: Token, person_in_charge: string, } | { "type": "signature", signature: DocumentSignature, } | { "type": "error", error: CardError, };

export type PageRequest = { "type": "status" } | { "type": "authenticate", nonce: Nonce, purpose: Purpose, agency?: string, my_number?: boolean, } | { "type": "sign", document: Document, card: string, } | { "type": "check_up" } | { "type": "cancel" };

export type Part = { version: string, protocol: number, oldest_protocol: number, };

export type Pin = string;

export type PinRules = { min: number, max: number, letters: boolean, };

export type Purpose = "register" | "change" | "renew_old" | "renew_new" | "bid" | "check" | "officer";

export type Reader = { name: string, } & ({ "state": "empty" } | { "state": "reading" } | { "state": "card", card: CardSummary, } | { "state": "unusable", error: CardError, });

export type ReaderState = { "state": "empty" } | { "state": "reading" } | { "state": "card", card: CardSummary, } | { "state": "unusable", error: CardError, };

export type ServiceState = "running" | "off";

export type Severity = "note" | "warning" | "error";

export type SiteDesk = { name: string, phone: string, hours: string, note: string, };

export type Status = { extension: Part, host: Part | null, service: ServiceState | null, readers: number, cards: number, managed: boolean, error: CardError | null, };

export type Token = { unverifiedCertificate: string, algorithm: string, signature: string, format: string, appVersion: string, };

export * from "./internal";
