/** How many times harder than usual the tests with hostile peers are (OVMCLI_HOSTILE_TIMES): more connections, documents and kills, and waits of a minute. */
export const hostileTimes = Number(process.env['OVMCLI_HOSTILE_TIMES'] ?? 1)
