import type { Protocol } from '../protocol/protocol.ts'
import { describeRequest, mysqlMatch } from './match-rules.ts'
import { mysqlMocks } from './mocks/mysql-mocks.ts'
import { MysqlMockServer } from './mysql-mock-server.ts'
import { MysqlReader } from './mysql-reader.ts'
import { MysqlRewriter } from './mysql-rewriter.ts'

/** MySQL and MariaDB: version 10 of the protocol of client and server, as MySQL's and MariaDB's documentation have it. */
export const mysqlProtocol: Protocol = {
  name: 'mysql',
  speaksFirst: 'server',
  detect(first) {
    // A greeting: its length, the number 0 and version 10; or an ERR packet, as of a server with too many connections.
    if (first.length < 5) return 'more'
    const length = first[0]! | (first[1]! << 8) | (first[2]! << 16)
    if (first[3] !== 0 || length > 1024) return 'no'
    if (first[4] === 10) return length >= 40 ? 'yes' : 'no'
    return first[4] === 0xff && length >= 3 ? 'yes' : 'no'
  },
  createReader: (options, emit) => new MysqlReader(options, emit),
  createMockServer: (options) => new MysqlMockServer(options),
  createRewriter: () => new MysqlRewriter(),
  describe: describeRequest,
  match: mysqlMatch,
  mocks: mysqlMocks,
}
