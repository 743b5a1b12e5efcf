#!/bin/sh
# Once: uacme.sh register. Then from a timer: uacme.sh issue.
url=https://acme.qtsp.example/acme/directory
case $1 in
register) exec uacme -c /etc/ssl/uacme -a "$url" -y -e "$KEYID:$MACKEY" new pki@exemple.fr ;;
issue) exec uacme -c /etc/ssl/uacme -a "$url" -t EC -h /usr/share/uacme/uacme.sh issue www.exemple.fr ;;
*) echo "usage: uacme.sh register|issue" >&2; exit 2 ;;
esac
