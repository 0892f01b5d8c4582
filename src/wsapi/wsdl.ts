/** The WSDL of FarmService at an address. */
export function farmWsdl(address: string): string {
  return address
}
