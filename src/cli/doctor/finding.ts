import type { HealthCheck } from '../../contract/farms.js'

/** A check that found nothing wrong. */
export function ok(check: string, message: string): HealthCheck {
  return { check, result: 'ok', message, hint: null }
}

/** A check that found what may be the reason of some trouble; `hint` says what to do. */
export function warning(check: string, message: string, hint: string): HealthCheck {
  return { check, result: 'warning', message, hint }
}

/** A check that found why ovmcli cannot work; `hint` says what to do. */
export function broken(check: string, message: string, hint: string): HealthCheck {
  return { check, result: 'error', message, hint }
}
