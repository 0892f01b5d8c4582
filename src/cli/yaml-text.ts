import { Scalar, stringify } from 'yaml'
import { isWrittenEscaped } from './streams.js'

/** Plain data as YAML; texts with characters that are written as escapes in quotes, where escapes mean something. */
export function yamlText(document: unknown): string {
  return stringify(document, (_, value: unknown) => (typeof value === 'string' && isWrittenEscaped(value) ? Object.assign(new Scalar(value), { type: 'QUOTE_DOUBLE' as const }) : value))
}
