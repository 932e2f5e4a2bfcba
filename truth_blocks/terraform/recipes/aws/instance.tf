# makes: a virtual machine (EC2 instance) with an encrypted disk and metadata service version two only
# assumes: The newest Amazon Linux image of the region is used, found when the plan is made.
# assumes: Nothing reaches the machine from outside until you attach a security group that lets it.
# asks: Who has to reach the machine, from which networks and on which ports?
# output: instance_id | aws_instance.recipe_name.id | Id of the machine
data "aws_ssm_parameter" "recipe_name_image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_instance" "recipe_name" {
  ami                    = data.aws_ssm_parameter.recipe_name_image.value
  instance_type          = var.instance_type
  subnet_id              = var.subnet_id
  vpc_security_group_ids = var.security_group_ids

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted   = true
    volume_size = var.disk_gb
  }

  tags = {
    Name = var.name
  }
}
