import sys

kind, *urls = sys.argv[1:]
if kind == "urllib":
    import urllib.request

    for url in urls:
        print(urllib.request.urlopen(url).read().decode())
elif kind == "requests":
    import requests

    session = requests.Session()
    for url in urls:
        print(session.get(url).text)
else:
    import httpx

    with httpx.Client(http2=kind == "httpx2") as client:
        for url in urls:
            print(client.get(url).text)
