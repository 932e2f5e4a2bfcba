# makes: an encrypted disk (EBS volume) in one availability zone
# asks: Which machine should use the disk?
# output: disk_id | aws_ebs_volume.recipe_name.id | Id of the disk
resource "aws_ebs_volume" "recipe_name" {
  availability_zone = var.availability_zone
  size              = var.disk_gb
  type              = "gp3"
  encrypted         = true

  tags = {
    Name = var.name
  }
}
