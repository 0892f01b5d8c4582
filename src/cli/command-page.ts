import type { CommandFacts, FlagFacts } from '../contract/shapes/command.js'
import { blocksOf, filled, type Block, type Page, type Section } from './page.js'

/** A command's page: what it does, its flags by what they are for, examples. `more` are further commands under its words. */
export function commandPage(facts: CommandFacts, more: readonly (readonly [string, string])[] = []): Page {
  const groups = [...new Set(facts.flags.map(flag => flag.group))]
  return {
    name: facts.id, summary: facts.summary,
    sections: filled([
      { title: 'USAGE', blocks: [{ text: facts.usage }] },
      { title: 'DESCRIPTION', blocks: blocksOf(facts.description) },
      ...groups.map(group => flagSection(facts, group)),
      more.length > 0 ? { title: 'MORE', blocks: [{ rows: more }] } : null,
      { title: 'EXAMPLES', blocks: exampleBlocks(facts) },
    ]),
  }
}

/** The examples of a command, each a block, so that they stand apart. */
export function exampleBlocks(facts: CommandFacts): Block[] {
  return facts.examples.map(example => ({ commands: [example] }))
}

function flagSection(facts: CommandFacts, group: string | null): Section {
  return { title: group === null ? 'FLAGS' : `${group} FLAGS`, blocks: [{ rows: facts.flags.filter(flag => flag.group === group).map(flagRow) }] }
}

/** `-o, --output FORMAT`, and what it means. */
export function flagRow(flag: FlagFacts): [string, string] {
  return [flagTerm(flag), flagMeaning(flag)]
}

function flagTerm({ char, name, value, multiple }: FlagFacts): string {
  return `${char === null ? '    ' : `-${char}, `}--${name}${value === null ? '' : ` ${value}`}${multiple ? ' …' : ''}`
}

function flagMeaning({ description, default: standard, required, env, options, value }: FlagFacts): string {
  const asides = [
    required ? 'required' : null,
    options !== null && value !== options.join('|') ? options.join(', ') : null,
    standard !== null && standard !== false && !description.includes('(default') ? `default ${String(standard)}` : null,
    env === null ? null : env,
  ].filter(aside => aside !== null)
  return asides.length === 0 ? description : `${description} (${asides.join('; ')})`
}
