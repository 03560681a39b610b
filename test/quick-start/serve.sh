# Runs the command of the unit that the quick start wrote, as its user, asks whether it is ready and ends it.
read_unit() { sed -n "s/^$1=//p" /etc/systemd/system/posthorn.service; }
read -ra command <<<"$(read_unit ExecStart)"
cd /
runuser -u "$(read_unit User)" -- "${command[@]}" &
child=$!
for ((i = 0; i < 100; i++)); do
  if exec 3<>/dev/tcp/127.0.0.1/8000; then break; fi 2>/dev/null
  sleep 0.2
done
printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
cat <&3
pid=$(head -n 1 /var/lib/posthorn/run/serve-*.pid)
kill -TERM "$pid"
wait "$child"
