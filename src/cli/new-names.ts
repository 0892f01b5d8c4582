/** The names that `--name NAME [--count N]` stands for. */
export { countedNames } from '../model/name-pattern.js'
