import { staticsOf, schemaName } from '../../src/cli/command-facts.js'
import { shownIds } from '../../src/cli/topics.js'
import type { CommandTable } from '../../src/cli/router.js'
import { errorShape } from '../../src/contract/shapes/fault.js'
import { documentForm } from '../../src/contract/shapes/outputs.js'
import { jsonSchema, type JsonSchema } from './json-schema.js'

const draft = 'https://json-schema.org/draft/2020-12/schema'

/** The files under docs/schema, by path: one a command that prints JSON, and one of errors. */
export async function schemaFiles(table: CommandTable): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const add = (name: string, title: string, description: string, schema: JsonSchema) => files.set(`docs/schema/${name}.json`, `${JSON.stringify({ $schema: draft, $id: `urn:ovmcli:${name}`, title, description, ...schema }, null, 2)}\n`)
  for (const id of shownIds(table)) {
    const { output, summary } = await staticsOf(table, id)
    const form = output === null ? null : documentForm(output, id.split(' ')[0]!)
    if (form === null) continue
    const one = jsonSchema(form.shape)
    const schema = form.form === 'one' || form.form === 'lines' ? one : form.form === 'many' ? { type: 'array', items: one }
      : { $defs: { record: one }, oneOf: [{ $ref: '#/$defs/record' }, { type: 'array', minItems: 2, items: { $ref: '#/$defs/record' } }] }
    add(schemaName(id), `ovmcli ${id} -o ${form.form === 'lines' ? 'jsonl' : 'json'}`, `${summary}. ${form.form === 'lines' ? 'Each line that is printed is such a document' : 'What is printed'}, unless --columns or --query choose; errors are as in error.json.`, schema)
  }
  add('error', 'errors of ovmcli', 'What stands on stdout, with -o json, when a command ends before its targets are resolved.', jsonSchema(errorShape))
  return files
}
