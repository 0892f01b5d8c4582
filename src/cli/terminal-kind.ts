/** Whether the terminal knows how to move its cursor and erase: what TERM does not name, or names `dumb`, does not. */
export function movesCursor(env: NodeJS.ProcessEnv = process.env): boolean {
  const kind = env['TERM'] ?? ''
  return kind !== '' && kind !== 'dumb'
}

/** Lets Node's line editor know of a terminal that it must not draw on: the only name it knows for such a one is `dumb`. */
export function tellLineEditor(): void {
  if (!movesCursor()) process.env['TERM'] = 'dumb'
}
