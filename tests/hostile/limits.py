"""What a case may take, hard limits of the harness."""

#: Processor time of the process that reads, and of the programs that it starts. [s]
SECONDS = 5.0
#: Wall time after which a silent process hangs; other programs may hold the machine meanwhile. [s]
HANGS = 300.0
#: Resident memory above that of the readers as imported. [bytes]
MEMORY = 512 * 2**20
