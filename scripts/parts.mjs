// An esbuild plugin: packages that few commands use are files of their own beside the bundle, read when one of them is loaded.
// Every command reads the whole bundle, and what is in it costs it even when it is never run.

/** Part → the modules in it, as they are imported. */
export const parts = {
  re2js: /^re2js$/,
  yaml: /^yaml$/,
  jmespath: /^@jmespath-community\/jmespath$/,
  selfsigned: /^selfsigned$/,
  inquirer: /^inquirer$/,
  axios: /^axios$/,
  soap: /^soap$/,
  'basic-ftp': /^basic-ftp$/,
  'autocomplete-create': /^@oclif\/plugin-autocomplete\/lib\/commands\/autocomplete\/create\.js$/,
  'autocomplete-zsh': /^@oclif\/plugin-autocomplete\/lib\/autocomplete\/zsh\.js$/,
  // What oclif would load for other programs than ours.
  'cli-spinners': /^cli-spinners$/,
  minimatch: /^minimatch$/,
  tinyglobby: /^tinyglobby$/,
  lilconfig: /^lilconfig$/,
  ejs: /^ejs$/,
}

/** Those that are imported by their default export; of the others names are. */
export const defaultParts = ['inquirer', 'axios', 'autocomplete-create', 'autocomplete-zsh']

/** Leaves the parts out of the bundle; `found` gets the module of each that was met. @param {Map<string, string>} found */
export const partsPlugin = found => ({
  name: 'parts',
  setup(build) {
    for (const [part, filter] of Object.entries(parts)) {
      build.onResolve({ filter }, async ({ path, kind, resolveDir, importer, pluginData }) => {
        if (pluginData === 'part') return undefined
        const { path: module } = await build.resolve(path, { kind, resolveDir, importer, pluginData: 'part' })
        found.set(part, module)
        // Right from dist/ and from bin/ alike: the bundle has the `require` of whoever runs it.
        return { path: `../dist/parts/${part}.cjs`, external: true }
      })
    }
  },
})
