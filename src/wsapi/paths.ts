/** The path of all services. */
export const servicePath = '/OVSWS/'
/** The name of a service's port, which is the end of its path. */
export const portOf = (service: string) => `${service}SoapHttpPort`
/** The path of FarmService. */
export const farmPath = `${servicePath}${portOf('FarmService')}`
