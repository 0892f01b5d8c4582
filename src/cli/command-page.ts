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

/** The examples of a command, each a block, so that they stand apart, and the farm that they work on. */
export function exampleBlocks(facts: CommandFacts): Block[] {
  if (facts.examples.length === 0) return []
  const farm = facts.exampleFarm.length === 0 ? [] : [{ commands: [{ description: 'They work on a farm made ready by', command: ['sim create --preset figure-8', ...facts.exampleFarm].map(words => `ovmcli ${words}`).join(' && ') }] }]
  return [...facts.examples.map(example => ({ commands: [example] })), ...farm]
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
    env,
  ].filter(aside => aside !== null)
  if (asides.length === 0) return description
  return description.endsWith(')') ? `${description.slice(0, -1)}; ${asides.join('; ')})` : `${description} (${asides.join('; ')})`
}
