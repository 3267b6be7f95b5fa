/** What a process is sealed to, by the numbers that the script takes. */
export interface Seal {
  /** Whether it is the first process of a PID namespace of its own, and shall see no others. */
  readonly ownProcesses: boolean;
  /** Root may write settings of the machine by its number alone, without any capability. */
  readonly isRoot: boolean;
  /** The only folders that it may write to. */
  readonly writable: readonly string[];
}

/** Below /proc the whole machine's, not a process's own. */
const OF_THE_MACHINE =
  "acpi bus driver fs irq latency_stats mtrr scsi slabinfo sys sysrq-trigger timer_list tty";

/** Devices that hold nothing, and that programs expect; a pull request sees no others. */
const DEVICES = "null zero full random urandom tty";

/**
 * Shared memory of a command: without a limit of its own a tmpfs(5) takes half of the machine's. 64 MiB is also what Docker gives a
 * container (https://docs.docker.com/reference/cli/docker/container/run/, --shm-size). An empty file takes memory too: no more of
 * them than pages.
 */
const SHARED_MEMORY = 'size => "64m", nr_inodes => "16384"';

/** Of /dev, which holds names alone. */
const NAMES_ALONE = 'size => "64k", nr_inodes => "1024"';

/**
 * Seals a mount namespace (mount_namespaces(7)), and then becomes the program that comes after the folders: every mount is read-only and
 * without devices but for the folders; /dev holds what every program expects, with shared memory and terminals of its own; /proc shows
 * its own processes. What cannot be sealed ends it with 126.
 *
 * The system calls have these numbers on every architecture: open_tree 428, move_mount 429, fsopen 430, fsconfig 431,
 * fsmount 432, mount_setattr 442. No program makes all of them before util-linux 2.39; perl can, and faster than a mount(8) for each.
 */
export const SEAL = `
$SIG{TERM} = sub { exit 143 };
my ($own, $root, $count) = splice @ARGV, 0, 3;
my @folders = splice @ARGV, 0, $count;
my $here = readlink "/proc/self/cwd" or exit 126;
sub try { my ($number, @args) = @_; my $got = syscall($number, @args); $got < 0 ? undef : $got }
sub must { try(@_) // exit 126 }
sub copy { must(428, -100, $_[0], 0x80001 | $_[1]) }
sub change { my ($at, $path, $flags, $set, $clear) = @_; must(442, $at, $path, $flags, pack("Q4", $set, $clear, 0, 0), 32) }
sub attach { must(429, $_[0], "", -100, $_[1], 4) }
sub fresh {
  my ($type, $attributes, $path, %options) = @_;
  my $fs = must(430, $type, 1);
  must(431, $fs, 1, $_, $options{$_}, 0) for keys %options;
  must(431, $fs, 6, 0, 0, 0);
  attach(must(432, $fs, 1, $attributes), $path);
}
my %devices = map { $_ => copy("/dev/$_", 0) } grep { -c "/dev/$_" } qw(${DEVICES});
my %kept = map { $_ => copy($_, 0) } @folders;
change($_, "", 0x1000, 4, 0) for values %kept;
fresh("proc", 14, "/proc") if $own;
change(-100, "/", 0x8000, 5, 0);
change(-100, "/proc", 0, 0, 1);
for my $path ($root ? grep { -e } map { "/proc/$_" } qw(${OF_THE_MACHINE}) : ()) {
  my $tree = copy($path, 0x8000);
  change($tree, "", 0x9000, 1, 0);
  attach($tree, $path);
}
fresh("tmpfs", 14, "/dev", mode => "755", ${NAMES_ALONE});
mkdir "/dev/$_" for qw(pts shm);
symlink $$_[0], "/dev/$$_[1]" for ["pts/ptmx", "ptmx"], ["/proc/self/fd", "fd"], map { ["/proc/self/fd/$_", (qw(stdin stdout stderr))[$_]] } 0 .. 2;
for my $name (keys %devices) {
  open(my $place, ">", "/dev/$name") or exit 126;
  attach($devices{$name}, "/dev/$name");
}
change(-100, "/dev", 0, 1, 0);
fresh("tmpfs", 6, "/dev/shm", mode => "1777", ${SHARED_MEMORY});
fresh("devpts", 10, "/dev/pts", mode => "620", ptmxmode => "666");
attach($kept{$_}, $_) for keys %kept;
chdir $here or exit 126;
exec { $ARGV[0] } @ARGV;
exit 126;
`;

/** Arguments of perl for a program that shall be sealed. */
export function sealed({ ownProcesses, isRoot, writable }: Seal, command: readonly string[]): string[] {
  const numbers = [Number(ownProcesses), Number(isRoot), writable.length].map(String);
  return ["-e", SEAL, ...numbers, ...writable, ...command];
}
