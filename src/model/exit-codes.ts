/** What each exit code of the command line means; `help exit-codes` and the docs read it. */
export const exitCodes = {
  0: 'everything asked for is so',
  1: 'a defect of ovmcli itself',
  2: 'usage',
  3: 'not found',
  4: 'not logged in, or not permitted',
  5: 'refused: a guard, a policy, a state, a rule or capacity',
  6: 'several targets, and some failed or were not attempted',
  7: 'the deadline passed, or an outcome is unknown',
  8: 'the manager, an agent or the store cannot be reached or used',
  9: 'another change of the same object is under way',
  130: 'interrupted (Ctrl-C)',
  143: 'terminated',
} as const

/** An exit code of the command line. */
export type ExitCode = keyof typeof exitCodes
