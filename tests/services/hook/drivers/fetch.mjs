const answers = []
for (const path of ['/a', '/b', '/large']) {
  const response = await fetch(process.env.HTTP_URL + path, { method: 'POST', body: path })
  answers.push([response.status, (await response.text()).length])
}
console.log(JSON.stringify(answers))
