import type { InferOutput } from 'valibot'
import type { Manager } from './manager.js'
import type { profileShape } from './shapes/service.js'

/** By what the certificate of a manager is known: itself (SHA-256, as openssl prints it), CAs of a PEM text, or those of the system. */
export type Trust = { kind: 'pinned'; fingerprint: string } | { kind: 'ca'; pem: string } | { kind: 'system' }

/** Where a manager is; `url` is `https://HOST:PORT`. `silentMs`: how long it may be silent before it is given up, else half a minute. */
export interface RemotePlace { url: string; trust: Trust; silentMs?: number }

/** How somebody shows who he is; a password may be asked for only when it is needed. */
export type RemoteLogin = { token: string } | { user: string; password: () => string }

/** A login that a manager gave. */
export interface LoginGiven { user: string; farm: string; token: string; expiresAt: string }

/** The ways to managers elsewhere. */
export interface RemoteDesk {
  open(place: RemotePlace, login: RemoteLogin): Manager
  /** @throws Refusal auth.*, manager.* */
  logIn(place: RemotePlace, user: string, password: string): Promise<LoginGiven>
  /** @throws Refusal auth.token, manager.* */
  logOut(place: RemotePlace, token: string): Promise<void>
  /** The fingerprint of the certificate that a manager shows, whoever signed it. @throws Refusal manager.* */
  fingerprintAt(url: string): Promise<string>
}

/** What the login of a profile can be; `no-login`: nobody has logged in yet. */
export const profileStates = ['valid', 'expired', 'no-login', 'damaged'] as const

/** A profile, as `profile list` shows it: never its token. */
export type ProfileSummary = InferOutput<typeof profileShape>
