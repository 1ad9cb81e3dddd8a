// The gRPC service that stands in for a dependency. Messages are protobuf with text fields: id = 1, item = 2, at = 3.
const FIELDS = ['id', 'item', 'at']

function encode(message) {
  const pieces = FIELDS.flatMap((name, index) => {
    const text = Buffer.from(message[name] ?? '')
    return text.length === 0 ? [] : [Buffer.from([((index + 1) << 3) | 2, text.length]), text]
  })
  return Buffer.concat(pieces)
}

function decode(bytes) {
  const message = {}
  for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]) {
    const name = FIELDS[(bytes[at] >> 3) - 1]
    message[name] = bytes.subarray(at + 2, at + 2 + bytes[at + 1]).toString()
  }
  return message
}

function method(name, responseStream = false) {
  return {
    path: `/shop.Stock/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: encode,
    requestDeserialize: decode,
    responseSerialize: encode,
    responseDeserialize: decode,
  }
}

export const stock = {
  Store: method('Store'),
  Find: method('Find'),
  FindOld: method('FindOld'),
  List: method('List', true),
}
