process.env.GRPC_TLS = '1'
require('./grpc.cjs')
