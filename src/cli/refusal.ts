/** The error that commands throw for what is wrong with their words. */
export { Refusal } from '../model/errors.js'
