# Dropship, the main file: what all services of this host share. Manual: dropship.hcl(5), "dropship explain".
# After a change: "dropship validate", then "systemctl reload dropship". "dropship init" writes a service for you.

# The services stand here, in one file each or together: every *.hcl of this folder. The agent is started when there is one.
service_path = "/etc/dropship.d/services"

# Where artifacts come from. Without accessKey and secret the usual AWS ways are tried (instance role, environment).
#
# repo "s3" {
#   region    = "eu-central-1"
#   accessKey = env("S3_ACCESS_KEY")
#   secret    = file("/etc/dropship.d/s3.secret")
# }

# Hosts that update the same service take turns: one at a time, and a bad release stops at the first.
#
# rollout {
#   limit = 1
# }
