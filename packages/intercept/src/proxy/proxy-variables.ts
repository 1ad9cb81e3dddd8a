import { javaToolOptions } from '../ca/java-options.ts'
import { hostText, type Address } from '../discover/setting.ts'

/** Hosts of this machine, which are never reached through the proxy. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/**
 * The variables by which a service sends its calls to HTTP and HTTPS APIs through the proxy: both cases of letters, Node's
 * switch (`fetch` and `http` heed proxies from 22.21 and 24.5 on with it), and the properties of Java. `env` is what the
 * service is started with; hosts that its `NO_PROXY` names are called through the proxy too.
 *
 * @example
 * proxyVariables({ host: '127.0.0.1', port: 3128 }).HTTPS_PROXY // 'http://127.0.0.1:3128'
 */
export function proxyVariables(
  { host, port }: Address,
  env: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const url = `http://${hostText(host)}:${port}`
  const none = LOOPBACK.join(',')
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: none,
    no_proxy: none,
    NODE_USE_ENV_PROXY: '1',
    JAVA_TOOL_OPTIONS: javaToolOptions(env['JAVA_TOOL_OPTIONS'], {
      'http.proxyHost': host,
      'http.proxyPort': String(port),
      'https.proxyHost': host,
      'https.proxyPort': String(port),
      'http.nonProxyHosts': 'localhost|127.*|[::1]',
    }),
  }
}
