// Preloaded into every Node process that the local backend starts. Its standard input is a pipe
// held by whoever started it; when that process ends in any way, even by kill -9, the pipe closes
// and this one ends too, in order. Nothing is left running, and nobody else's process is touched.
process.stdin.on("end", () => process.emit("SIGTERM") || process.exit(0)).resume();
