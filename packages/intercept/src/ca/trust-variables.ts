import { javaToolOptions } from './java-options.ts'
import type { TrustFiles } from './trust-files.ts'

/**
 * The variables by which a service trusts the authority of a run beside what it trusted before: Node, Deno, OpenSSL (and
 * with it Python, Ruby, PHP), Go, .NET, curl, Git, AWS, gRPC and Java. `env` is what the service is started with.
 *
 * @example
 * trustVariables(await writeTrustFiles({ cert: ca.cert, folder, env }), env)['NODE_EXTRA_CA_CERTS']
 */
export function trustVariables(
  files: TrustFiles,
  env: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const { bundle, extra, javaStore } = files
  return {
    NODE_EXTRA_CA_CERTS: extra,
    DENO_CERT: extra,
    SSL_CERT_FILE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    PIP_CERT: bundle,
    AWS_CA_BUNDLE: bundle,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: bundle,
    GIT_SSL_CAINFO: bundle,
    HTTPLIB2_CA_CERTS: bundle,
    JAVA_TOOL_OPTIONS: javaToolOptions(env['JAVA_TOOL_OPTIONS'], {
      'javax.net.ssl.trustStore': javaStore,
      'javax.net.ssl.trustStoreType': 'PKCS12',
      // A password that the service was started with belongs to another store; this one has none.
      'javax.net.ssl.trustStorePassword': '',
    }),
  }
}
