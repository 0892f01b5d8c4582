import * as v from 'valibot'

/** A name as somebody wrote it; whether it can be one the manager says. */
export const name = v.pipe(v.string(), v.maxLength(4_096, 'longer than 4,096 characters'))

/** Names of what is to be made at once. */
export const names = v.pipe(v.array(name), v.minLength(1, 'names nothing'), v.maxLength(100_000, 'more than 100,000'))
