import { type Command, type Flag, globalFlags, type Operand } from "./command.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The script for a shell; made from the commands' own data. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return zshScript(commands);
    case "fish":
      return fishScript(commands);
  }
}

/** Services are asked for when they are needed, one a line: a name may hold spaces. */
const askServices = "dropship completion services 2>/dev/null";

/** With those of its verbs: what goes with what is judged when the command runs. */
function flagsOf({ flags, verbs = [] }: Command): readonly (readonly [string, Flag])[] {
  return Object.entries({ ...flags, ...Object.assign({}, ...verbs.map((verb) => verb.flags)), ...globalFlags });
}

function verbsOf({ verbs = [] }: Command): string {
  return verbs.map(({ name }) => name).join(" ");
}

/** What stands first behind a command, as far as a shell can know it. */
function firstOperand(command: Command, commands: readonly Command[]): Operand | undefined {
  const [first] = command.operands;
  return first?.name === "command" ? { ...first, words: commands.map(({ name }) => name) } : first;
}

function bashScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map(([name]) => `--${name}`);
    const operand = firstOperand(command, commands);
    const words = operand?.words?.join(" ") ?? "";
    const services = operand?.name === "service" ? " services=1" : "";
    const verbs = command.verbs ? ` verbs="${verbsOf(command)}"` : "";
    const files = operand?.isFile ? " files=1" : "";
    return `    ${command.name}) flags="${flags.join(" ")}" words="${words}"${files}${services}${verbs} ;;`;
  });
  return `# bash completion for dropship
_dropship() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" first="" flags="" words="" files="" services="" verbs="" position=0 index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      --config|-c) ((index++)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command="\${COMP_WORDS[index]}"
        else ((position++)); [[ -n $first ]] || first="\${COMP_WORDS[index]}"; fi ;;
    esac
  done
  if [[ $previous == --config || $previous == -c ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  case "$command" in
    "") flags="${Object.keys(globalFlags)
      .map((name) => `--${name}`)
      .join(" ")}" words="${commands.map(({ name }) => name).join(" ")}" ;;
${cases.join("\n")}
  esac
  # Behind a verb comes the service, as it does without one.
  if ((position == 1)) && [[ -n $first && " $verbs " == *" $first "* ]]; then position=0 verbs=""; fi
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif ((position == 0)); then
    COMPREPLY=($(compgen -W "$words $verbs" -- "$current"))
    if [[ -n $files ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
    if [[ -n $services ]]; then
      local name
      while IFS= read -r name; do
        [[ $name == "$current"* ]] && COMPREPLY+=("\${name// /\\\\ }")
      done < <(${askServices})
    fi
  fi
}
complete -F _dropship dropship`;
}

function zshScript(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map(([name, flag]) => {
      const value = flag.value === undefined ? "" : `:${flag.value}:${flag.isFile ? "_files" : ""}`;
      return `'--${name}[${bracketed(flag.summary)}]${value}'`;
    });
    const operand = firstOperand(command, commands);
    const words = operand?.words ? [`'1:${operand.name}:(${operand.words.join(" ")})'`] : [];
    const services = operand?.name === "service" ? ["'1:service:_dropship_services'"] : [];
    const files = operand?.isFile ? [`'1:${operand.name}:_files'`] : [];
    const behind = [`'1:verb or service:_dropship_${command.name}'`, "'2:service:_dropship_services'"];
    return `        ${command.name}) _arguments ${[...flags, ...words, ...files, ...(command.verbs ? behind : services)].join(" ")} ;;`;
  });
  return `#compdef dropship
_dropship_services() {
  local -a services
  services=("\${(@f)$(${askServices})}")
  compadd -a services
}
${commands
  .flatMap(zshVerbs)
  .map((line) => `${line}\n`)
  .join("")}_dropship() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _dropship ]]; then _dropship "$@"; else compdef _dropship dropship; fi`;
}

/** Completes what stands first behind a command that has verbs: one of them, or a service. */
function zshVerbs({ name, verbs = [] }: Command): readonly string[] {
  if (verbs.length === 0) return [];
  const list = verbs.map((verb) => `    '${verb.name}:${quoted(verb.summary)}'`);
  return [
    `_dropship_${name}() {`,
    "  local -a verbs",
    "  verbs=(",
    ...list,
    "  )",
    "  _describe verb verbs",
    "  _dropship_services",
    "}",
  ];
}

function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const operand = firstOperand(command, commands);
    const verbs = verbsOf(command);
    const first = `-n '__fish_seen_subcommand_from ${command.name}; and not __fish_seen_subcommand_from ${verbs}'`;
    const own = flagsOf(command).filter(([name]) => !Object.hasOwn(globalFlags, name));
    const flags = own.map(([name, flag]) => {
      const value = flag.value === undefined ? "" : " -r";
      return `complete -c dropship ${seen} -l ${name}${value} -d '${fishQuoted(flag.summary)}'`;
    });
    return [
      `complete -c dropship -n __fish_use_subcommand -a ${command.name} -d '${fishQuoted(command.summary)}'`,
      ...(operand?.name === "service" ? [`complete -c dropship ${seen} -a '(${askServices})'`] : []),
      ...(operand?.isFile ? [`complete -c dropship ${seen} -F`] : []),
      ...(command.verbs ?? []).map(
        ({ name, summary }) => `complete -c dropship ${first} -a ${name} -d '${fishQuoted(summary)}'`,
      ),
      ...(operand?.words ? [`complete -c dropship ${seen} -a '${operand.words.join(" ")}'`] : []),
      ...flags,
    ];
  });
  const globals = Object.entries(globalFlags).map(([name, flag]) => {
    const value = flag.value === undefined ? "" : flag.isFile ? " -r -F" : " -r";
    return `complete -c dropship -l ${name}${value} -d '${fishQuoted(flag.summary)}'`;
  });
  return ["# fish completion for dropship", "complete -c dropship -f", ...globals, ...lines].join("\n");
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(":", "\\:");
}

function bracketed(text: string): string {
  return quoted(text).replaceAll("[", "\\[").replaceAll("]", "\\]");
}

function fishQuoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}
