import * as v from 'valibot'

/** A schema with what it means, for the JSON Schemas and the docs. */
export function described<S extends v.GenericSchema>(schema: S, meaning: string) {
  return v.pipe(schema, v.description(meaning))
}

/** A whole number from 0. */
export const countShape = v.pipe(v.number(), v.integer(), v.minValue(0))

/** A time of the farm: RFC 3339, UTC. */
export const timeShape = v.pipe(v.string(), v.isoTimestamp())
