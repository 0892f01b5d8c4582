// An esbuild plugin: the modules of oclif load each other only when something of theirs is used. Of what its parser pulls in
// (plugin loading, help, spinners, debug, Node's tty and readline) a command uses next to nothing, and evaluating it all cost
// a third of a command's start.
import { readFileSync } from 'node:fs'

/** Stands for a module until something is read from it. */
export const lazyModuleHelper = `const lazyModule = load => { let loaded; const get = () => (loaded ??= load()); return new Proxy(function () {}, { get: (_, key) => get()[key], has: (_, key) => key in get(), apply: (_, self, args) => Reflect.apply(get(), self, args), construct: (_, args) => Reflect.construct(get(), args) }) }`

/** Its Command minds a closed stdout, as src/cli/streams.ts does; asking for stdout at all sets up a stream that not everybody wants. */
const mindsStdout = /^process\.stdout\.on\('error'.*?^\}\);$/ms

const eagerRequire = /^(?:const|var|let) (\w+) = ((?:__importDefault\(|__importStar\()?require\("[^"]+"\)\)?);$/gm

export const lazyOclif = {
  name: 'lazy-oclif',
  setup(build) {
    build.onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(eagerRequire, 'const $1 = lazyModule(() => $2);').replace(mindsStdout, ''), loader: 'js',
    }))
    // The plug-in for completion wants the Command of oclif, not all of it.
    build.onResolve({ filter: /^@oclif\/core$/ }, ({ importer, resolveDir }) => (importer.includes('plugin-autocomplete') ? build.resolve('@oclif/core/command', { kind: 'import-statement', resolveDir }) : undefined))
    // The question before a bulk change is inquirer's; its editor, with the encodings of the world, is never opened.
    build.onResolve({ filter: /^@inquirer\/external-editor$/ }, () => ({ path: 'no-editor', namespace: 'none' }))
    build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'exports.editAsync = exports.edit = () => { throw new Error("there is no editor in this build") }', loader: 'js' }))
  },
}
