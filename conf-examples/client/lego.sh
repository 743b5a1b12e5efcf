#!/bin/sh
# First certificate, then renewal from a timer: lego.sh run, lego.sh renew.
# KEYID and MACKEY are in the environment, not on the command line of others.
exec lego --server https://acme.qtsp.example/acme/directory \
    --path /var/lib/lego --email pki@exemple.fr --accept-tos \
    --eab --kid "$KEYID" --hmac "$MACKEY" --key-type ec256 \
    --http --http.webroot /var/www/html -d www.exemple.fr "$@"
