import * as Flags from '@oclif/core/flags'

/** `--watch`, for whatever can be shown again. */
export function watchFlag() {
  return Flags.boolean({ description: 'show it again whenever it changes, until Ctrl-C or --timeout (then in wall time)' })
}
