import { defaultable } from './global-flags.js'
import { variableOf } from './defaults.js'
import { passwordVariable } from './login.js'

/** Environment variables that are read, beside those that hold the default of a flag. */
export const environment: readonly (readonly [string, string])[] = [
  ['OVMCLI_HOME', 'where farms are kept; not set: ovmcli in XDG_DATA_HOME, or in ~/.local/share'],
  ['OVMCLI_CONFIG_HOME', 'where config.yaml and profiles are; not set: config in OVMCLI_HOME, or else ovmcli in XDG_CONFIG_HOME, or in ~/.config'],
  ['OVMCLI_VNCVIEWER', 'the program that vm console --open runs; not set: vncviewer'],
  [passwordVariable, 'the password of whoever acts; OVMCLI_PASSWORD_FILE wins'],
  ['NO_COLOR', 'no colours'],
  ['OVMCLI_DEBUG', 'a defect of ovmcli is told with its stack, for the report'],
]

/** The variables that hold the defaults of global flags, as a sentence. */
export const defaultsText = `The default of a global flag stands in config.yaml (flag: value, one a line) or in a variable of the environment, which wins: ${defaultable.map(variableOf).join(' ')}.`

/** Files that are read or written. */
export const files: readonly (readonly [string, string])[] = [
  ['$OVMCLI_HOME/farms/NAME/', 'a farm: manager.db, what the manager knows; world.db, what is so'],
  ['$OVMCLI_HOME/current', 'the name of the farm that commands work on when they name no other'],
  ['$OVMCLI_HOME/farms/NAME/service/', 'certificate and key of its manager'],
  ['$OVMCLI_CONFIG_HOME/config.yaml', 'defaults of flags, flag: value, one a line'],
  ['$OVMCLI_CONFIG_HOME/profiles/NAME.json', 'a login with a manager elsewhere, with its token'],
  ['$OVMCLI_CONFIG_HOME/profile', 'the name of the profile in use'],
]
