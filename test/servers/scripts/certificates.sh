# Sourced by server scripts. certificates <folder>: an authority (ca.pem), a certificate for the server (server.pem, server.key),
# one for a client (client.pem, client.key), and one for a client that another authority signed (stranger.pem, stranger.key).
certificates() {
  local folder=$1
  mkdir -p "$folder"
  authority() { # <name>
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$1" \
      -addext basicConstraints=critical,CA:TRUE -keyout "$folder/$1.key" -out "$folder/$1.pem" 2>/dev/null
  }
  signed() { # <name> <authority> <extensions>
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
      -keyout "$folder/$1.key" -out "$folder/$1.csr" 2>/dev/null
    openssl x509 -req -in "$folder/$1.csr" -CA "$folder/$2.pem" -CAkey "$folder/$2.key" -CAcreateserial -days 30 \
      -extfile <(printf '%b' "$3") -out "$folder/$1.pem" 2>/dev/null
  }
  authority ca
  authority other
  # The server's own certificate is one for clients, too: etcd's JSON side and Consul's servers show it among themselves.
  signed server ca 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth'
  signed client ca 'extendedKeyUsage=clientAuth'
  signed stranger other 'extendedKeyUsage=clientAuth'
}
