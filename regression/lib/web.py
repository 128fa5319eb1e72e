"""A client of the web server: requests over HTTP or TLS, as raw octets or in words. Used by the end-to-end tests."""
import base64
import http.client
import json
import socket
import ssl


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:500]!r}"


class Web:
    """Asks one web server; `key` is the API key, `password` goes as Basic authentication."""
    API = "/api/v1/servers/localhost"

    def __init__(self, port=8082, address="127.0.0.1", key=None, password=None, authority=None):
        self.port, self.address = port, address
        self.headers = {}
        if key is not None:
            self.headers["X-API-Key"] = key
        if password is not None:
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"user:{password}".encode()).decode()
        self.authority = authority  # a file; there is TLS then

    def connection(self, timeout=15):
        if self.authority is None:
            return http.client.HTTPConnection(self.address, self.port, timeout=timeout)
        context = ssl.create_default_context(cafile=self.authority)
        return http.client.HTTPSConnection(self.address, self.port, timeout=timeout, context=context)

    def ask(self, method, path, body=None, headers=None):
        connection = self.connection()
        try:
            text = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, body=text, headers={**self.headers, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def api(self, path, method="GET", body=None):
        return self.ask(method, self.API + path, body)

    def raw(self, octets, timeout=15, then_close=False):
        """What comes back for these octets until the server closes the connection."""
        with socket.create_connection((self.address, self.port), timeout=timeout) as stream:
            stream.sendall(octets)
            if then_close:
                stream.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while part := stream.recv(65536):
                    answer += part
            except ConnectionResetError:
                pass
            return answer
